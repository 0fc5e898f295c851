"""Common goods by name: what tells items apart where nothing stands between them.

"milk eggs bread" are three things because each word is one; "palm oil" and "tomato paste" are one.
A catalog's own names (:mod:`orderflow.grocery_list.known_names`) come on top of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orderflow.grocery_list.words.phrases import words_in

# Things that stand alone on lists, in the singular where they have one.
_SINGLE: Final = """
    milk bread egg butter cheese ham bacon sausage chicken beef pork lamb turkey fish salmon
    tuna cod haddock trout mackerel prawn shrimp crab sardine rice pasta spaghetti noodle flour
    sugar salt pepper oil vinegar honey jam marmalade mustard ketchup mayonnaise mayo margarine
    cream yogurt yoghurt cereal cornflake oat granola muesli porridge tea coffee cocoa juice
    water coke cola soda squash beer wine lager cider gin vodka whisky rum crisp chip biscuit
    cookie cracker cake chocolate candy sweet nut peanut almond cashew raisin sultana potato
    tomato onion garlic ginger carrot cabbage lettuce cucumber celery broccoli cauliflower
    spinach kale leek pea bean corn mushroom aubergine eggplant courgette zucchini pumpkin
    beetroot radish asparagus sweetcorn avocado apple banana orange pear grape lemon lime
    strawberry raspberry blueberry blackberry cherry plum peach apricot mango pineapple melon
    watermelon kiwi coconut pawpaw papaya guava date fig basil parsley coriander cilantro thyme
    rosemary mint dill sage cumin curry nutmeg cinnamon turmeric paprika oregano vanilla yeast
    hummus guacamole salsa mozzarella cheddar feta parmesan brie tofu lentil chickpea quinoa
    couscous polenta tortilla wrap bagel baguette croissant muffin pizza lasagne burger mince
    steak veal duck gammon salami chorizo pate olive gherkin pickle caper anchovy soup sauce
    gravy stock soap shampoo conditioner toothpaste toothbrush deodorant tissue detergent bleach
    sponge nappy diaper wipe formula calpol paracetamol ibuprofen plaster aspirin battery candle
    match foil napkin plate fork spoon straw cup bulb charcoal lighter broom mop bucket razor
    lotion perfume sanitizer sanitiser pad tampon cotton vaseline toiletries garri gari yam
    plantain egusi ogbono crayfish stockfish maggi fufu semo semovita semolina amala elubo
    poundo ugu ugwu okra okro ata rodo tatashe shombo ponmo kpomo shaki suya kilishi zobo kunu
    palmoil indomie milo bournvita ovaltine peak cowbell dano lipton nescafe malt maltina
    fanta sprite pepsi mirinda lacasera gala chinchin chin kulikuli groundnut iru dawadawa
    daddawa ogiri locust cocoyam cassava akpu abacha ugba ofada moimoi akara agbalumo catfish
    titus kote panla snail goat cowleg tripe gizzard kidney liver spag spaghetti macaroni
    couscous eba tapioca ewedu bitterleaf waterleaf uziza utazi scent ehuru alligator uda bonga
    geisha custard pap ogi pampers huggies omo ariel klin sunlight viva dettol izal hypo jik
    harpic morningfresh digestive oatcake scone crumpet pancake waffle brownie doughnut donut
    pastry pie pasty quiche samosa popcorn pretzel ice cubes icecream custards jelly pudding
    syrup treacle molasses dashi pinto snack clover cupcake flatbread pitta pita naan chapati
    roti dal dhal ghee paneer rasam turnip swede parsnip fennel artichoke rocket watercress
    cress shallot chive scallion bokchoy clementine satsuma tangerine nectarine grapefruit
    pomegranate lychee cranberry currant prune squid octopus mussel oyster lobster herring
    kipper bass tilapia croaker sea perch hake sole cornflour cornstarch breadcrumb gelatine
    gelatin marshmallow sprinkles icing cornmeal oatmeal pizza crouton crumpet taco nacho
    tzatziki pesto passata houmous coleslaw relish chutney toothpick cling paper towel cornbread
    lemonade smoothie oxtail brisket rib wing drumstick thigh spices seasoning vegetables fruit
    fruits veg drinks snacks toilet roll rolls loaf buns bun bap lollipop crouton kombucha kefir
    buttermilk custard fromage margarine lard suet shortening oats vegetable rusk cerelac
    lactogen sma nan aptamil similac wheat barley millet sorghum maize guguru boli plantains
    agege bread hollandia yoghurts viju chivita ribena caprisonne eva aquafina meatball hotdog
    mouthwash handwash hairspray aftershave makeup lipstick mascara bandage multivitamin
    lightbulb firelighter birdseed serviette tinfoil floss prosecco champagne kimchi sauerkraut
    aloo pyaz pyaaz tamatar dhaniya mirch adrak lehsun haldi jeera atta aata chawal cheeni chini
    namak doodh dahi sabun bhindi gobhi palak methi matar gajar mooli baingan lauki karela kheera
    nimbu kela kele seb anda ande besan maida sooji suji rava poha rajma chana chole moong urad
    masoor papad achar jaggery hing ajwain elaichi laung saunf agarbatti namkeen curd idli
    weetabix cheerios shreddies nutella marmite bovril oreo doritos pringles kitkat twix snickers
    maltesers haribo gatorade powerade lucozade vimto guinness heineken goldfish chia salad
    tempeh halloumi brioche focaccia okpa nkwobi tigernut teabag airfreshener
    acha achi actimel afang allspice alpen amchur anise applesauce appletiser arbi arhar arugula
    atama azu baigan baileys bajra banku barfi bathua bepanthen bhakri bhendi bhujia
    biltong binbag bisquick bisto blackcurrant bodyform boerewors bokoshi bologna bouillon
    bouquet brandy bratwurst breadstick bream brillo briquette bulgur burrata burrito camembert
    cannelloni cantaloupe cappuccino cardamom caviar celeriac challah chamomile chard chawli
    cheesecake cheez-it chervil chestnut chicory chimichurri chipolata chipotle ciabatta
    cigarette cillit clam clingfilm cockle cognac collard cool-whip cordial
    creamer crispbread crunchies damson danwake decaf dhania dishcloth domestos dosa
    dumpling eclair edam editan elderberry enchilada endive envelope escarole
    espresso faggot falafel farfalle febreze fenugreek fettuccine firewood flapjack flaxseed
    flower frankfurter frosties fura fusilli galangal gaviscon gelato gingerbread glue gnocchi
    gochujang gooseberry gouda grits gruyere gulab gurasa gyoza habanero haggis halibut harissa
    hoisin hominy honeydew horlicks imli imodium irn-bru jackfruit jalapeno
    jamun jcloth jello jicama jowar kabuli kachumbari kaddu kalonji kebab kelewele kenkey
    kerosene khakhra kheer kibble kielbasa kindling kohlrabi kokum kosai kuka kumquat
    labneh laddu latte lemongrass lemsip linguine linseed macadamia macaron macaroon magazine
    mahi manchego mangetout marjoram mascarpone matchstick mathri matki matoke meringue mirin
    miso miyan monkfish mulberry murmura newspaper nugget nurofen ofor ogazi okazi orzo
    oziza panadol pancetta papdi pappadum paraffin parwal passionfruit pastrami pecan
    pedialyte penne pepperoni persimmon pilchard pimms pistachio plaice poblano pollock
    polony pop-tart poppadom poppadum posho prosciutto provolone pudina pumpernickel quark
    quesadilla quince ragi ramen rasgulla ravioli redcurrant rennie rhubarb ricotta rigatoni
    romanesco rooibos rutabaga sake sambal sambar samp samphire sarson scallop schnitzel
    scourer scumbia seabass seitan sellotape shakarkandi shandy sherry shito shortbread skyr
    snoek soba sorbet sorrel sourdough soursop sprout sriracha starfruit stilton stout strepsils
    strudel sudocrem sumac suran swordfish tabasco tahini tamale tarragon taushe teacake tequila
    teriyaki tindora tiramisu tizer tomatillo tortellini trifle triscuit tulip tuvar tuwo udon
    ugali ukazi ukwa unga vermicelli vermouth waakye wasabi
    wheatmeal whiting winkle wonton worcestershire yakult zaatar
"""

# One thing of several words, of which the first or all would be things on their own.
_COMPOUNDS: Final = """
    palm oil, groundnut oil, vegetable oil, olive oil, sunflower oil, coconut oil, sesame oil
    red oil, cooking oil, peanut oil, corn oil, soya oil, baby oil, fish oil, rapeseed oil
    tomato paste, tomato puree, tomato sauce, tomato ketchup, tin tomato, tinned tomatoes
    tomato soup, chopped tomatoes, plum tomatoes, cherry tomatoes, curry powder, curry paste
    curry leaf, curry leaves, lime leaf, lime leaves, chicken stock, beef stock, vegetable stock
    fish stock, stock cube, stock cubes, chicken soup, orange juice, apple juice, lemon juice
    lime juice, tomato juice, fruit juice, pineapple juice, coconut milk, almond milk, oat milk
    soya milk, soy milk, goat milk, milk powder, peak milk, condensed milk, evaporated milk
    powdered milk, rice milk, milk chocolate, peanut butter, butter beans, butter milk, cocoa butter
    nut oil, nut butter
    shea butter, almond butter, apple butter, cream cheese, cheese slices, cheese sauce
    cottage cheese, goat cheese, goats cheese, cheddar cheese, feta cheese, ice cream, titus fish
    tin tomatoes, cream crackers, sour cream, cream puff, ice cubes, ice lolly, baked beans
    green beans, kidney beans, coffee beans, black beans, broad beans, cocoa beans, bread flour
    rice flour, yam flour, wheat flour, corn flour, plantain flour, bean flour, bread rolls
    bread sticks, bread crumbs, garlic bread, bread maker, sausage rolls, egg roll, egg rolls
    egg noodles, rice noodles, rice cakes, rice pudding, fried rice, ofada rice, rice vinegar
    potato salad, potato chips, sweet potato, sweet potatoes, potato crisps, fruit salad, egg salad
    fish fingers, fish sauce, fish cakes, tuna fish, cat fish, stock fish, dry fish, fish pie
    chicken wings, chicken breast, chicken thighs, chicken drumsticks, chicken nuggets, chicken laps
    goat meat, cow meat, cow leg, beef mince, lamb mince, pork chops, lamb chops, beef joint
    turkey mince, beef burgers, chicken burger, chicken curry, chicken pie, steak pie, apple pie
    meat pie, pork pie, apple sauce, soy sauce, soya sauce, mint sauce, pasta sauce, mustard seeds
    cumin seeds, sesame seeds, ginger beer, ginger ale, ginger garlic paste, garlic paste
    garlic powder, onion powder, ginger powder, garlic salt, sea salt, celery salt, salt fish
    pepper sauce, pepper soup, black pepper, chilli pepper, sweet corn, corn on the cob, pop corn
    corn flakes, corn bread, corn dog, corn chips, corn starch, cup cakes, cake mix, chocolate cake
    carrot cake, cheese cake, chocolate biscuits, chocolate bar, chocolate spread, chocolate milk
    chocolate chip cookies, chocolate chips, hot chocolate, tea bags, green tea, tea towel
    tea light, iced tea, coffee mate, coffee creamer, coffee filter, toilet roll, toilet rolls
    toilet paper, toilet tissue, kitchen roll, kitchen towel, paper towel, paper towels
    kitchen foil, cling film, foil paper, dishwasher tablets, washing powder, washing up liquid
    fabric softener, bin bags, bin liners, tooth paste, tooth brush, shower gel, hand wash
    hand soap, sun cream, hand cream, shaving foam, body wash, body lotion, bar soap, baby wipes
    baby food, hair cream, cotton wool, cotton buds, sanitary pads, water melon, water melons
    sachet water, bottled water, sparkling water, table water, water wipes, coconut water
    tonic water, cat food, dog food, cat litter, wine vinegar, wine gums, gin and tonic, bird seed
    lemon grass, vanilla extract, vanilla essence, baking powder, baking soda, icing sugar
    brown sugar, sugar cubes, caster sugar, golden syrup, golden morn, cabin biscuit, chin chin
    moi moi, plantain chips, potato waffles, tortilla chips, tortilla wraps, pizza base, olive bread
    cereal bar, cereal bars, nut bar, mixed nuts, pine nuts, brussels sprouts, spring onions
    spring onion, bell pepper, bell peppers, scotch bonnet, dried fish, locust beans, bitter leaf
    scent leaf, water leaf, pumpkin leaves, pumpkin seeds, bay leaves, bay leaf, mint leaves
    lettuce leaves, lemon curd, orange squash, apple cider, cider vinegar, crab sticks, lamb shank
    beef jerky, duck breast, pork belly, pork ribs, bacon bits, ham hock, maggi cubes, maggi cube
    pepper mix, salad cream, salad dressing, mayonnaise sauce, jelly beans, date syrup, maple syrup
    honey nut cornflakes, almond flour, coconut sugar, coconut flour, oat cakes, paper plates
    plastic cups, paper cups, plastic spoons, plastic forks, cocktail sticks, malt drink, milk shake
    energy drink, soft drinks, fruit drinks, drinking yoghurt, greek yoghurt, greek yogurt
    frozen peas, split peas, chick peas, pea protein, pigeon peas, protein powder, custard powder
    jelly powder, pap powder, cocoa powder, chocolate powder, curry sauce, dish soap, dryer sheets
    dishwashing liquid, laundry detergent, laundry soap, laundry powder, garbage bags, trash bags
    freezer bags, sandwich bags, half & half, sticky notes, bin bag, paper napkins, kitchen paper
    kitchen towels, light bulb, light bulbs, masa harina, corn husks, pork shoulder, chili powder
    chilli powder, lighter fluid, feeding bottle, feeding bottles
    air freshener, air fresheners, morning fresh, washing liquid, chia seeds, sunflower seeds
    poppy seeds, flax seeds, sugar sachets, juice boxes, juice box, fruit snacks, goldfish crackers
    toilet cleaner, window cleaner, floor cleaner, hand sanitizer
    hand sanitiser, hand gel, face wash, face cream, hair gel, hair oil, dental floss, mouth wash
    razor blades, shaving cream, shaving gel, nail polish, sanitary towels, sanitary pad
    baby formula, baby powder, baby lotion, baby shampoo, baby cream, baby cereal, dog biscuits
    cat biscuits, dog treats, cat treats, pet food, coconut cream,
    whipping cream, whipped cream, clotted cream, crab meat, blue cheese, parmesan cheese
    mozzarella cheese, goat's cheese, brie cheese, cheese spread, cream soda
    orange soda, naan bread, pitta bread, pita bread, rye bread, burger buns, hot dog buns, hot dogs
    hamburger buns, spring rolls, meat balls, cranberry juice, mango juice, grape juice, pear juice
    ground beef, ground turkey, ground pork, corned beef, roast beef, pork loin, pork mince
    pork sausages, beef sausages, chicken sausages, chicken breasts, chicken legs, chicken leg
    chicken thigh, chicken feet, chicken gizzard, turkey breast, turkey bacon, lamb leg
    fish fillets, fish steaks, canned tuna, canned fish, tuna steaks, tuna chunks, iceberg lettuce
    romaine lettuce, baby spinach, cherry tomato, green onions, ginger root, lima beans
    string beans, runner beans, bean sprouts, bamboo shoots, water chestnuts, mushroom soup
    noodle soup, instant noodles, ramen noodles, wild rice, arborio rice, long grain rice
    parboiled rice, pastry flour, cake flour, wheat pastry flour, plain flour, self raising flour
    baking paper, food colouring, vanilla sugar, canola oil, cooking spray, olive spread, oven chips
    french fries, ice block, ice blocks, seasoning cubes, bouillon cubes, stock powder
    chilli flakes, chilli powder, garam masala, mixed spice, mixed herbs, sparkling wine, red wine
    white wine, wine glasses, protein bars, granola bars, muesli bars, energy bars, trail mix
    rice crackers, graham crackers, honey beans, oloyin beans, oha leaf, uziza leaf, uziza seed
    ugu leaf, kuli kuli, tiger nut, tiger nuts, moi moi leaf, cow skin, cow foot, cow tail
    goat head, pepper soup spice, groundnut paste, bread crumb, malt vinegar, lemon tea, coffee pods
    coffee capsules, coffee filters, tea lights, egg whites, egg yolks, egg white, egg yolk
    onion rings, garlic cloves, garlic bulbs, apple slices, lemon slices, orange peel, lemon zest
    palm wine, palm nut, palm nuts, coconut chips, coconut flakes, cashew nuts, almond nuts
    brazil nuts, pumpkin pie, banana chips, ginger biscuits, ginger nuts, custard creams
    custard tart, jam tarts, jam doughnuts, beef patties, veggie burgers, pizza dough, pizza sauce
    lasagne sheets, pasta shells, pasta bake, fish oil tablets, corn tortillas, flour tortillas
    corn tortilla, flour tortilla, lime wedges, lemon wedges, grape jelly, yorkshire puddings
    yorkshire pudding, hari mirch, lal mirch, shimla mirch, chai patti, moong dal, chana dal
    bok choy, pak choi, mange tout, brussel sprouts, squeezy cheese, dish cloths, rubber gloves
    clothes pegs, tin foil, washing capsules, shower gels, sanitary pad, cough syrup, cough sweets
    pet litter, urad dal, masoor dal, toor dal, tur dal, kasuri methi, methi leaves
"""


def singular_and_plural(words: Iterable[str]) -> frozenset[str]:
    """The words, and the plurals of those that are in the singular."""
    forms = set()
    for word in words:
        forms |= {word, f"{word}s", f"{word}es"}
        if word.endswith("y"):
            forms.add(f"{word[:-1]}ies")
        if word.endswith("f"):
            forms.add(f"{word[:-1]}ves")
    return frozenset(forms)


#: Words that are a thing to buy each, in singular and plural.
GOODS: Final = singular_and_plural(_SINGLE.split())

#: Things of several words, by their words.
COMPOUND_GOODS: Final = frozenset(
    tuple(phrase.split()) for phrase in _COMPOUNDS.replace("\n", ",").split(",") if phrase.strip()
)
#: Every word of a thing.
GOODS_WORDS: Final = GOODS | {word for words in COMPOUND_GOODS for word in words}
#: The same without those that join: "corn on the cob".
NAMING_WORDS: Final = GOODS_WORDS - {"and", "on", "the", "up", "of"}
#: The most words that one of them has.
LONGEST_COMPOUND: Final = max(map(len, COMPOUND_GOODS))

#: Two of these and a dish are one thing: "pork and apple sausages".
FLAVOURS: Final = words_in("""
    cheese onion ham pork apple leek potato steak kidney chicken mushroom beef ale tomato basil
    spinach feta bacon egg sage lemon pepper prawn chilli ginger honey mustard broccoli stilton
    carrot coriander turkey lamb mint banana chocolate orange strawberry vanilla coconut lime
    chive chives cranberry brie garlic herb herbs sweetcorn tuna lentil pea bean rhubarb custard
    raspberry mango pumpkin butternut parsnip cheddar parmesan ricotta apricot walnut almond
    cherry
""")
FLAVOURED: Final = words_in("""
    sausages sausage pie pies crisps soup quiche pasty pasties sandwich sandwiches pizza burgers
    stuffing bake slice slices flavour yoghurt yoghurts yogurt yogurts muffins cookies crumble tart
    chutney bread risotto pasta ravioli tortellini sauce dip filler rolls hummus jam squash
""")

#: What the words of an "or" before them share: "chicken or vegetable stock".
SHARED_NOUNS: Final = words_in("""
    stock broth flour sugar rice oil vinegar wine lettuce sauce milk cream cheese pepper
    peppers paprika onion onions yeast beans tea mustard salt potatoes apples meat mince seeds
    juice paste powder noodles bread yoghurt yogurt tomatoes tomato mushrooms fillets chops
    steaks breasts zest rind
""")
