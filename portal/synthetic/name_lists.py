"""Given and family names of many traditions, in Latin letters and in their own script. Data only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Three lists of the same script; any woman's or man's name goes with any family name."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tradition:
    """`language` is BCP 47; `weight` how many in a thousand; `own` such names in their own script."""

    language: str
    weight: int
    latin: Names
    own: Names | None = None


def _names(women: str, men: str, families: str) -> Names:
    return Names(tuple(women.split()), tuple(men.split()), tuple(families.split()))


TRADITIONS: tuple[Tradition, ...] = (
    Tradition("en", 420, _names(
        "Amelia Olivia Margaret Grace Susan Chloe Patricia Emily Joan Hannah Dorothy Lucy",
        "George Oliver William Thomas Harry Kenneth Peter Jack Brian Samuel Ronald Daniel",
        "Smith Taylor Brown Walker Hughes Green Carter Baker Wood Turner Cooper Ward Bennett Shaw")),
    Tradition("cy", 50, _names(
        "Siân Cerys Megan Ffion Angharad Rhiannon Lowri Nia",
        "Rhys Gethin Dafydd Iwan Emyr Gruffydd Llŷr Aled",
        "Llywelyn Pritchard Bevan ap\u00a0Gwilym Prydderch Gwyn Morgan Caradog")),
    Tradition("pl", 50, _names(
        "Zofia Agnieszka Małgorzata Katarzyna Żaneta Łucja",
        "Tomasz Paweł Wojciech Krzysztof Łukasz Stanisław",
        "Kowalska-Nowak Wiśniewski Wójcik Dąbrowski Żak Szczęsny")),
    Tradition("ro", 25, _names(
        "Elena Ioana Andreea Ștefania", "Andrei Mihai Ștefan Răzvan", "Ionescu Popescu Țîrlea Munteanu")),
    Tradition("pt", 20, _names(
        "Inês Conceição Mariana Beatriz", "João Tomás Gonçalo Luís", "D’Souza Magalhães Conceição Araújo")),
    Tradition("so", 25, _names(
        "Hodan Ayaan Sahra Faadumo", "Cabdi Maxamed Liibaan Yuusuf", "Warsame Cali Xasan Jaamac")),
    Tradition("yo", 25, _names(
        "Adéọlá Fúnmiláyọ̀ Títílayọ̀ Bọ́lá", "Oluwaseun Babátúndé Kọ́lá Ṣẹ́gun", "Adéyẹmí Ọláníyan Akínadé")),
    Tradition("ar", 40, _names(
        "Layla Maryam Huda Rania Salma Noor", "Yousef Khalid Omar Tariq Hassan Ali",
        "Al-Khatib Mansour Haddad Al-Masri Darwish Saleh"), _names(
        "ليلى مريم هدى رانيا سلمى نور", "يوسف خالد عمر طارق حسن علي", "الخطيب منصور حداد المصري درويش صالح")),
    Tradition("ur", 55, _names(
        "Ayesha Fatima Zainab Sadia Nasreen Hira", "Imran Bilal Usman Adnan Tariq Faisal",
        "Hussain Qureshi Malik Chaudhry Mirza Butt"), _names(
        "عائشہ فاطمہ زینب سعدیہ نسرین حرا",
        "عمران بلال عثمان عدنان طارق فیصل", "حسین قریشی ملک چوہدری مرزا بٹ")),
    Tradition("fa", 20, _names(
        "Shirin Parisa Nasrin Golnaz", "Dariush Reza Behrouz Kamran", "Ahmadi Rostami Karimi"), _names(
        "شیرین پریسا نسرین گلناز", "داریوش رضا بهروز کامران", "احمدی رستمی کریمی")),
    Tradition("pa", 45, _names(
        "Harpreet Gurleen Simran Jasleen Manpreet", "Gurpreet Balwinder Jaspal Amrit Sukhdev",
        "Kaur Gill Dhillon Sandhu Bains"), _names(
        "ਹਰਪ੍ਰੀਤ ਗੁਰਲੀਨ ਸਿਮਰਨ ਜਸਲੀਨ ਮਨਪ੍ਰੀਤ", "ਗੁਰਪ੍ਰੀਤ ਬਲਵਿੰਦਰ ਜਸਪਾਲ ਅੰਮ੍ਰਿਤ ਸੁਖਦੇਵ", "ਕੌਰ ਗਿੱਲ ਢਿੱਲੋਂ ਸੰਧੂ ਬੈਂਸ")),
    Tradition("bn", 40, _names(
        "Nasima Farida Sultana Rokeya Taslima", "Rahim Kamal Anwar Shafiq Jahangir",
        "Begum Miah Chowdhury Uddin Khatun"), _names(
        "নাসিমা ফরিদা সুলতানা রোকেয়া তাসলিমা", "রহিম কামাল আনোয়ার শফিক জাহাঙ্গীর", "বেগম মিয়া চৌধুরী উদ্দিন খাতুন")),
    Tradition("gu", 35, _names(
        "Hetal Bhavna Nisha Kokila", "Jignesh Hitesh Bhavesh Kirit", "Patel Shah Mehta Desai"), _names(
        "હેતલ ભાવના નિશા કોકિલા", "જીગ્નેશ હિતેશ ભાવેશ કિરીટ", "પટેલ શાહ મહેતા દેસાઈ")),
    Tradition("hi", 25, _names(
        "Sunita Anjali Kavita Meera", "Rajesh Vikram Suresh Arjun", "Sharma Verma Gupta Mishra"), _names(
        "सुनीता अंजलि कविता मीरा", "राजेश विक्रम सुरेश अर्जुन", "शर्मा वर्मा गुप्ता मिश्रा")),
    Tradition("ta", 30, _names(
        "Lakshmi Meenakshi Kavitha Selvi", "Murugan Karthik Senthil Arun",
        "Ramasamy Subramaniam Pillai Nadarajah"), _names(
        "லட்சுமி மீனாட்சி கவிதா செல்வி", "முருகன் கார்த்திக் செந்தில் அருண்", "ராமசாமி சுப்பிரமணியம் பிள்ளை நடராஜா")),
    Tradition("zh-Hans", 35, _names(
        "Xiuying Mei Fang Lihua", "Wei Jun Qiang Jianguo", "Chen Wang Zhang Li"), _names(
        "秀英 梅 芳 丽华", "伟 军 强 建国", "陈 王 张 李")),
    Tradition("uk", 25, _names(
        "Oksana Halyna Iryna Yulia", "Oleksandr Mykola Taras Andriy",
        "Shevchenko Kovalenko Bondarenko Melnyk"), _names(
        "Оксана Галина Ірина Юлія", "Олександр Микола Тарас Андрій",
        "Шевченко Коваленко Бондаренко Мельник")),
    Tradition("el", 10, _names(
        "Eleni Sofia Katerina", "Giorgos Nikos Dimitris", "Papadopoulos Nikolaidis Georgiou"), _names(
        "Ελένη Σοφία Κατερίνα", "Γιώργος Νίκος Δημήτρης", "Παπαδόπουλος Νικολαΐδης Γεωργίου")),
    Tradition("ti", 10, _names(
        "Selam Letay Hiwet", "Tesfay Yonas Berhane", "Haile Gebre Kidane"), _names(
        "ሰላም ለታይ ሂወት", "ተስፋይ ዮናስ ብርሃነ", "ሃይለ ገብረ ኪዳነ")),
    Tradition("ko", 10, _names(
        "Jiwoo Minseo Haeun", "Minjun Dohyun Jiho", "Kim Lee Park"), _names(
        "지우 민서 하은", "민준 도현 지호", "김 이 박")),
    Tradition("th", 5, _names(
        "Malee Sunisa Ploy", "Somchai Anan Niran", "Saetang Suwan Chaiyo"), _names(
        "มาลี สุนิสา พลอย", "สมชาย อนันต์ นิรันดร์", "แซ่ตั้ง สุวรรณ ไชโย")),
)  # fmt: skip
